/** Options of every command that talks to the service. */
export interface ServiceArgs {
  readonly server?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly stateDir?: string;
  readonly json: boolean;
}
