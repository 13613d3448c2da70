#!/usr/bin/env bash
# Runs one kind of worker: start-worker.sh train-sae
set -euo pipefail
cd "$(dirname "$0")/.."
exec node --import tsx "workers/${1:?name a worker}/src/main.ts"
