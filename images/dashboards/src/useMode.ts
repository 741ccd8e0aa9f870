import { useMediaQuery, type PaletteMode } from '@mui/material'
import { useState } from 'react'

const KEY = 'mode'

/** Light or dark: as the system has it until somebody chooses, and then as chosen in this browser. */
export function useMode(): [PaletteMode, () => void] {
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true })
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY))
  const mode = chosen === 'light' || chosen === 'dark' ? chosen : systemIsDark ? 'dark' : 'light'
  const toggle = () => {
    const other = mode === 'dark' ? 'light' : 'dark'
    localStorage.setItem(KEY, other)
    setChosen(other)
  }
  return [mode, toggle]
}
