import { type FoundExtensions, findExtensions } from '@druid/core/discover'
import type { Command } from 'commander'

/** Which project a command is about. */
export interface ProjectOptions {
  readonly from?: string
  readonly dev?: boolean
}

export interface Project extends FoundExtensions {
  /** The folder of its package.json. */
  readonly root: string
}

/** Adds the options that say which project. */
export function withProject(command: Command): Command {
  return command
    .option('--from <folder>', 'in the project, or below it (default: the working directory)')
    .option('--dev', 'also look at devDependencies')
}

/**
 * The project, and the extensions among its direct dependencies. Runs none of their code.
 * @throws Error where there is no project, or its rules cannot be understood.
 */
export async function findProject({ from, dev }: ProjectOptions): Promise<Project> {
  if (process.env.DRUID_EXTENSIONS === 'off') {
    throw new Error('DRUID_EXTENSIONS=off turns the discovery of extensions off')
  }
  const found = await findExtensions({ from, dev })
  const { root, reports } = found
  if (root === undefined) throw reports[0]?.error ?? new Error('no project was found')
  return { ...found, root }
}
