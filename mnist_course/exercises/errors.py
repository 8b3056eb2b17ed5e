"What errors of Python and PyTorch mean, where that is certain"

MEANINGS = [ # the type of an error, a part of its message, and what it says in plain words
    (RuntimeError, "Can't call numpy() on Tensor that requires grad",
        "NumPy knows no gradients, and refuses a tensor that needs one. Compute with the tensor itself, as by "
        "torch.exp or x.exp()."),
    (RuntimeError, 'Boolean value of Tensor with more than one value',
        "A single yes or no is asked of a whole tensor, as by `if`, `and`, `or` and `not`, and by two comparisons in "
        "a row. torch.where, &, | and ~ answer for each item, and comparisons need brackets beside them."),
    (RuntimeError, 'mat1 and mat2 shapes cannot be multiplied',
        "The sizes of a matrix product don't fit: the first has as many columns as the second has rows."),
    (RuntimeError, 'must match the size of tensor',
        "Two shapes don't go together. Print both just before that line."),
    (RuntimeError, 'could not infer output dtype',
        "There is no mean of whole numbers, or of True and False: make floats of them first, with .float()."),
    (RuntimeError, 'a leaf Variable that requires grad is being used in an in-place operation',
        "A parameter is changed while PyTorch keeps a record of it. Take the step under torch.no_grad()."),
    (RuntimeError, 'does not require grad and does not have a grad_fn',
        "There is no way back from the loss to the parameters: they don't ask for a gradient, or .item(), "
        ".detach(), .data, no_grad or a new tensor made of numbers has cut it off."),
    (RuntimeError, 'Trying to backward through the graph a second time',
        "backward goes the same way twice, which is cleared after the first time. Compute the loss anew for each."),
    (RuntimeError, 'grad can be implicitly created only for scalar outputs',
        "backward starts from one number, and here are several: is a mean missing?"),
    (RuntimeError, "can't be cast to the desired output type",
        "It works in place, and whole numbers have no room for fractions. Make a new tensor, or floats first."),
    (RuntimeError, 'cannot be converted to Scalar',
        "A single number is asked of a tensor that holds several, as by .item()."),
    (RuntimeError, 'multi-target not supported',
        "cross_entropy and nll_loss want labels (n,), and these are (n,1): is a squeeze(1) missing?"),
    (AttributeError, "'float' object has no attribute",
        "A float has no methods of a tensor, such as .item(): float(…) makes a float of either."),
    (ValueError, 'only one element tensors can be converted',
        "A single number is asked of a tensor that holds several."),
    (TypeError, 'only integer tensors of a single element', "A single whole number is asked of a tensor."),
    (ValueError, 'is different to the input size',
        "Predictions and labels have different shapes, and this loss wants them alike. Print both before that line.")]

def meaning(e):
    "What an error says in plain words, or ''"
    if isinstance(e, NameError) and e.name:
        return f"`{e.name}` isn't defined: is it misspelt, or has the cell that defines it gone, or not run?"
    if isinstance(e, AttributeError) and e.name and e.obj is None:
        return (f"Something is None where `.{e.name}` is asked of it, as a `.grad` is before backward, and what a "
            "function without return gives.")
    return next((text for kind,part,text in MEANINGS if isinstance(e, kind) and part in str(e)), '')
