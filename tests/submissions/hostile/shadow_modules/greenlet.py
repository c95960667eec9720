def __getattr__(name):
    raise RuntimeError("the shadow of a module was used")
