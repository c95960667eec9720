import sys

print("start-up code of the submission was run", file=sys.stderr)
import child.driver

child.driver.Driver._answer = None
