import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end of a run what was not tested for want of a tool: 'skipped: rdesktop not installed (2 tests)'. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        for (const tool of missing(test)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
      }
    }
    for (const [tool, count] of counts) {
      process.stdout.write(`skipped: ${tool} not installed (${count} ${count === 1 ? 'test' : 'tests'})\n`);
    }
  }
}

interface Task {
  meta(): { missing?: string[] };
  readonly parent?: unknown;
}

/** What the test or a suite around it lacks. */
function missing(test: Task): Set<string> {
  const found = new Set<string>();
  for (let task: Task | undefined = test; typeof task?.meta === 'function'; task = task.parent as Task | undefined) {
    for (const tool of task.meta().missing ?? []) found.add(tool);
  }
  return found;
}
