// Healthy means: a writable primary. The first check on an empty volume makes the one-member replica set.
try {
  if (db.hello().isWritablePrimary) quit(0);
  rs.status();
} catch (error) {
  if (error.codeName === "NotYetInitialized") {
    rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
  }
}
quit(1);
