import {defineConfig} from 'vitest/config'

export default defineConfig({
  resolve: {alias: {'disco-inferno': new URL('./src/api.ts', import.meta.url).pathname}},
  test: {
    pool: 'forks',
    globalSetup: './test/build-kernel.ts',
    // What is waited for is waited for; how long it takes a busy machine is not what is tested.
    expect: {poll: {timeout: 5000}},
    // Other folders of test/ start programs: each of those costs a few hundred milliseconds on a busy machine.
    projects: [
      {extends: true, test: {name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'], testTimeout: 30_000}},
      {
        extends: true,
        test: {
          name: 'programs',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/unit/**', 'test/cluster/**', 'test/binary/**', 'test/fixtures/**'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {name: 'cluster', include: ['test/cluster/**/*.test.ts'], testTimeout: 180_000},
      },
      // Only by `npm run test:binary`, which builds what it tries.
      ...(process.env['TEST_BINARY']
        ? [
            {
              extends: true as const,
              test: {name: 'binary', include: ['test/binary/**/*.test.ts'], testTimeout: 120_000},
            },
          ]
        : []),
    ],
  },
})
