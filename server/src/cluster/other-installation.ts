/** Thrown if the other nodes with this key prefix in Redis belong to another installation. */
export class OtherInstallation extends Error {
  override readonly name = "OtherInstallation";

  /** @param key the key in Redis with the value that the nodes of an installation share */
  constructor(key: string) {
    super(
      `The nodes on this Redis have another database or another master key. Nodes of one cluster share both ` +
        `(SOKETIFY_DATABASE_URL, SOKETIFY_MASTER_KEY); nodes on SQLite share one data folder on one machine. ` +
        `For a second installation on the same Redis set SOKETIFY_REDIS_KEY_PREFIX. ` +
        `After a change of the database, delete the key ${key} in Redis while no node runs`,
    );
  }
}
