import { rolldown } from 'rolldown';

/** One file without `node_modules`, for a container that has Node and nothing else. */
export async function bundleTo(input: string, file: string): Promise<void> {
  const build = await rolldown({ input, platform: 'node', onLog: () => undefined });
  try {
    await build.write({ file, format: 'esm', codeSplitting: false });
  } finally {
    await build.close();
  }
}
