import type { ReactNode } from 'react'

// In the place of the package of this name, which writes inline styles and is only used where dashboards are edited.

export function SnackbarProvider({ children }: { children: ReactNode }): ReactNode {
  return children
}

export function useSnackbar() {
  return { enqueueSnackbar: () => '', closeSnackbar: () => undefined }
}
