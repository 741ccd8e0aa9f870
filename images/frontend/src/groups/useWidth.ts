import { useEffect, useRef, useState, type RefObject } from 'react'

/** How wide an element is drawn, in steps, so that a drag of the window does not lay the graph out a hundred times. */
export function useWidth<T extends HTMLElement>(): [RefObject<T | null>, number] {
  const element = useRef<T>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element.current) return
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width / 20) * 20))
    watch.observe(element.current)
    return () => watch.disconnect()
  }, [])
  return [element, width]
}
