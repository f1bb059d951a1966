#!/bin/bash
# Healthy is a primary. The first time the set does not exist yet: whoever asks first makes it.
set -eu
export PASSWORD
PASSWORD=$(cat /run/tuan/mongodb/password)
exec mongosh --quiet --host localhost --tls --tlsCAFile /run/tuan/tls/ca.crt --eval '
  const admin = db.getSiblingDB("admin");
  admin.auth("tuan", process.env.PASSWORD);
  try { rs.status(); } catch (problem) {
    if (problem.codeName !== "NotYetInitialized") throw problem;
    rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
  }
  quit(db.hello().isWritablePrimary ? 0 : 1);
'
