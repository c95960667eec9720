"""``class.html``: what a class has understood and what not, as one page that needs nothing else."""
