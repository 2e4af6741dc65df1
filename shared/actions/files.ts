/** Where the executor's container finds what `files` of an action declares: the Job builder mounts it, argv names it. */
export const filesMountPath = '/etc/kubernaut';
