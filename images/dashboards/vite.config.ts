import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Perses' libraries were made for a bundler that knows Node's name of the global object.
  define: { global: 'globalThis' },
  resolve: { alias: { notistack: new URL('src/notistack.ts', import.meta.url).pathname } },
  build: {
    // Nothing is inlined: the content security policy allows files of this origin and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
    // For bundled.mjs.
    license: { fileName: 'packages.json' },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
