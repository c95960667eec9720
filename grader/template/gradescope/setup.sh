#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image.
set -euo pipefail
cd /autograder/source
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends bubblewrap python3-venv >/dev/null
python3 -m venv /autograder/python
/autograder/python/bin/pip install --quiet -r requirements.txt
# Says in the log of the build how student code can be walled in here.
/autograder/python/bin/python -m grader doctor || true
