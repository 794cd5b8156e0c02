/** Somebody who may use this application. The id is what their logins are kept under. */
export interface User {
  readonly id: string;
  readonly name: string;
}

/** Stands for the users that your own sign-in knows. */
export const exampleUsers: readonly User[] = [
  { id: 'ada', name: 'Ada' },
  { id: 'grace', name: 'Grace' },
  { id: 'katherine', name: 'Katherine' },
];

export function userById(id: string): User | undefined {
  return exampleUsers.find((user) => user.id === id);
}
