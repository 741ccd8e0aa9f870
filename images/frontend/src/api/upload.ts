import type { Stimulus } from './contract'
import { failureFrom } from './failure'
import { refusal } from './request'

export const LARGEST_BYTES = 10 * 1024 * 1024
export const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf']

/** Why a file is not worth sending; null when it is. */
export function objection({ type, size }: { type: string; size: number }): string | null {
  if (!MEDIA_TYPES.includes(type)) return 'Choose a PNG, JPEG, WebP or GIF image, or a PDF.'
  if (size === 0) return 'This file is empty.'
  return size > LARGEST_BYTES ? 'This file is larger than 10 MB.' : null
}

/** Send a file as it is. `fetch` cannot tell how far an upload has come. */
export function upload(path: string, file: File, onProgress: (share: number) => void): Promise<Stimulus> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest()
    sending.open('POST', path)
    sending.setRequestHeader('Content-Type', file.type)
    sending.responseType = 'json'
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
    sending.onerror = () => reject(failureFrom(0))
    sending.onload = () => {
      if (sending.status >= 200 && sending.status < 300) resolve(sending.response as Stimulus)
      else reject(refusal(path, sending.status, sending.response, sending.getResponseHeader('retry-after')))
    }
    sending.send(file)
  })
}
