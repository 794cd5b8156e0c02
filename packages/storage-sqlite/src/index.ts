export { openSqliteTokenStore } from './open.js';
export type { OpenSqliteTokenStoreOptions } from './open.js';
export { SqliteTokenStore } from './sqlite-token-store.js';
export type { SqliteTokenStoreOptions } from './sqlite-token-store.js';
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
