// Runs once, on an empty volume, before the server asks who comes: a user for each kind of process.
const admin = db.getSiblingDB("admin");
const anywhere = { db: "", collection: "" }; // each generation has a database of its own, so no name is in a role
const cluster = { cluster: true };

admin.createRole({
  role: "looma",
  privileges: [
    {
      resource: anywhere,
      actions: [
        "find", "insert", "update", "remove", "createCollection", "createIndex",
        "listCollections", "listIndexes", "indexStats", "collStats", "dbStats",
      ],
    },
    { resource: cluster, actions: ["listDatabases"] },
  ],
  roles: [],
});
admin.createRole({
  role: "loomaOperator",
  privileges: [{ resource: anywhere, actions: ["dropCollection", "dropDatabase", "dropIndex"] }],
  roles: ["looma"],
});

const passwords = JSON.parse(require("fs").readFileSync("/run/secrets/mongodb.users", "utf8"));
for (const [user, pwd] of Object.entries(passwords)) {
  admin.createUser({ user, pwd, roles: [user === "operator" ? "loomaOperator" : "looma"] });
}
