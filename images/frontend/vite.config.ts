import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Nothing is inlined: the content security policy allows files of this origin and nothing else.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/health': 'http://127.0.0.1:8000' } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
