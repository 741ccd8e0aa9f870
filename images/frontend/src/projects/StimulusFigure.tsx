import type { ReactNode } from 'react'
import type { Stimulus } from '../api/contract'

export function StimulusFigure({ stimulus: { id, name, description, media_type }, children }: { stimulus: Stimulus; children?: ReactNode }) {
  const address = `/api/stimuli/${id}`
  return (
    <figure className="stimulus">
      {media_type.startsWith('image/') ? (
        <a href={address} target="_blank" rel="noreferrer">
          <img src={address} alt={description || name} loading="lazy" />
        </a>
      ) : (
        <a className="document" href={address} download={name} aria-label={`Download ${name}`}>
          <span aria-hidden="true">PDF</span>
        </a>
      )}
      <figcaption>
        <strong>{name}</strong>
        {description && <span>{description}</span>}
        {children && <span className="figure-foot">{children}</span>}
      </figcaption>
    </figure>
  )
}
