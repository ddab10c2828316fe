// Healthy means: a writable primary. The first check on an empty volume makes the one-member replica set.
if (db.hello().isWritablePrimary) quit(0);
const password = require("fs").readFileSync("/run/secrets/mongodb-root.password", "utf8");
db.getSiblingDB("admin").auth("root", password);
try {
  rs.status();
} catch (error) {
  if (error.codeName === "NotYetInitialized") {
    rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
  }
}
quit(1);
