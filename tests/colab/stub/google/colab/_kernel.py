"The kernel class that Colab starts"
from ipykernel.ipkernel import IPythonKernel
from traitlets import Type

from ._shell import Shell

class Kernel(IPythonKernel):
    "An IPython kernel with Colab's shell"
    shell_class = Type(Shell)
