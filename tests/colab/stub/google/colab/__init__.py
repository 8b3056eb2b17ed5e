"In place of Colab's own package, which no registry has: its shell, by which a notebook knows that it is on Colab"
