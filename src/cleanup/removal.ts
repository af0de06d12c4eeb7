/** One thing that a cleanup removes, or would. */
export interface Removal {
  readonly path: string;
  readonly kind: 'ghost' | 'stub' | 'pushed-copy' | 'temp-file' | 'agent-folder' | 'stale-lock' | 'expired-trash';
  readonly reason: string;
}

/** A removal that is planned, and the deed itself. */
export interface PlannedRemoval {
  readonly row: Removal;
  /** Looks again first: false when it is not what was planned any more, and stays. Throws when it cannot be removed. */
  readonly remove: () => boolean | Promise<boolean>;
}
