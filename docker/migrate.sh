#!/usr/bin/env bash
# Brings the database of DATABASE_URL up to date and the bundled model and text in.
set -euo pipefail
cd "$(dirname "$0")/.."
exec node --import tsx apps/launch/src/prepare.ts
