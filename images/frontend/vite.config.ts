import { loadEnv } from 'vite'
import { defineConfig } from 'vitest/config'

export default defineConfig(({ mode }) => {
  const { API_ADDRESS = '127.0.0.1:8000' } = loadEnv(mode, '.', 'API_')
  return {
    build: {
      // Nothing is inlined: the content security policy allows files of this origin and nothing else.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // For bundled.mjs.
      license: { fileName: 'packages.json' },
    },
    // The only folder that can be written in the container of the `dev` image.
    cacheDir: '/tmp/vite',
    server: {
      // As nginx: pages of other origins read nothing.
      cors: false,
      proxy: { '^/(api/|(health|live)(\\?|$))': { target: `http://${API_ADDRESS}`, proxyTimeout: 75_000 } },
    },
    test: { environment: 'node', include: ['src/**/*.test.ts'] },
  }
})
