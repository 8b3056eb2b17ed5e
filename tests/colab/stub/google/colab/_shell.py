"The shell class of Colab's kernel"
from ipykernel.zmqshell import ZMQInteractiveShell

class Shell(ZMQInteractiveShell): "Its name alone is asked for: `'google.colab' in str(get_ipython())`"
