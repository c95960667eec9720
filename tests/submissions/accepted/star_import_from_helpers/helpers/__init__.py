from .catalogue import *
