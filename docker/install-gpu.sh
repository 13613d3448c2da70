#!/usr/bin/env bash
# Installs the engine for NVIDIA cards, and fails where it did not get there.
set -euo pipefail
cd "$(dirname "$0")/.."
node apps/cli/bin/monosema.mjs engines install tfjs-gpu
# No card is in sight while an image is built: that the library loads is all that can be said.
node apps/cli/bin/monosema.mjs engines --json | node -e '
  const listings = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const { available, description, reason } = listings.find(({ name }) => name === "tfjs-gpu");
  console.log(description ?? reason);
  process.exit(available ? 0 : 1);
'
