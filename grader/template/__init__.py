"""What an instructor puts elsewhere: the student's repository, and the bundles of platforms that grade."""
