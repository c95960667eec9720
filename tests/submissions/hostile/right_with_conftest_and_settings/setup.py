raise SystemExit("setup.py of the submission was run")
