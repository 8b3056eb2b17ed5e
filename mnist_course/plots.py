"How the course's figures look: one style, one palette, and the few kinds of picture that several chapters draw"
import io

import matplotlib.pyplot as plt,numpy as np,torch
from cycler import cycler
from IPython.display import Image
from ipywidgets import interactive
from PIL import Image as PILImage

__all__ = ['palette', 'style', 'weight_colours', 'show_digits', 'show_weights', 'animate', 'sliders']

# Colours that people with each kind of colour blindness tell apart (Okabe and Ito, 2008), by name
palette = dict(blue='#0072B2', vermilion='#D55E00', green='#009E73', purple='#CC79A7', orange='#E69F00', sky='#56B4E9', black='#000000')
weight_colours = plt.get_cmap('RdBu_r', 21) # red for positive, blue for negative, white for zero

# For `plt.style.use(style)`. At most 6.4 inches wide, a figure is readable at half a page's width; lines differ in more than colour.
style = {'figure.figsize': (5,2.8), 'figure.dpi': 100, 'figure.constrained_layout.use': True, 'font.size': 11, 'axes.titlesize': 11, 'axes.labelsize': 11,
    'figure.titlesize': 11, 'xtick.labelsize': 10, 'ytick.labelsize': 10, 'legend.fontsize': 10, 'legend.frameon': False, 'lines.linewidth': 1.8, 'lines.markersize': 4,
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.formatter.useoffset': False, 'image.cmap': 'Greys',
    'axes.prop_cycle': cycler(color=list(palette.values()), linestyle=['-','--','-.',':','-','--','-.'])}

def show_digits(
    ims, # Images, (n,28,28) or rows (n,784)
    titles=None, # A title for each image
    cols:int=5, # Images in a row; `cols*size` should stay below 6.4 inches
    suptitle:str=None, # A title for all
    size:float=1.2, # Width of an image, in inches
): # The axes, an array (rows,cols)
    "Draw digits as a grid, ink dark on white. Raises `ValueError` if there is not one title for each image."
    ims,titles = list(ims),[''] * len(ims) if titles is None else list(titles)
    if len(ims)!=len(titles): raise ValueError(f"there are {len(ims)} images and {len(titles)} titles: each image needs one")
    rows,cols = -(-len(ims)//cols),min(cols, len(ims))
    fig,axs = plt.subplots(rows, cols, figsize=(size*cols, (size+0.25*any(map(str, titles)))*rows + 0.3*bool(suptitle)), squeeze=False)
    for ax in axs.flat: ax.axis('off')
    for ax,im,title in zip(axs.flat, ims, titles):
        ax.imshow(torch.as_tensor(im).cpu().reshape(28,28), cmap='Greys')
        ax.set_title(title)
    if suptitle: fig.suptitle(suptitle)
    return axs

def show_weights(
    w, # Weights, (h,w) or 784 of them
    ax, # Where to draw
    title='', # A title
    v:float=None, # The number shown in the darkest colours; default: the largest size in `w`
): # The image, to be updated or for a colour bar
    "Draw numbers as a picture, red for positive and blue for negative"
    w = w.detach().cpu()
    if w.numel()==784: w = w.view(28,28)
    v = v or w.abs().max().item() or 1
    ax.axis('off')
    ax.set_title(title)
    return ax.imshow(w, cmap=weight_colours, vmin=-v, vmax=v, interpolation='nearest')

def animate(
    fig, # The figure that `draw` draws on; it is closed
    draw, # Called with 0, 1, … up to `frames`-1, changes the figure
    frames:int, # How many pictures
    ms:int=250, # Milliseconds for each; the last stays for two seconds
    colours:int=64, # Colours kept, which decides the size
): # An animated PNG, which plays wherever a picture is shown: in Jupyter, on GitHub, on a web page
    "Make the last value of a cell a figure that moves"
    ims = []
    for i in range(frames):
        draw(i)
        if not i: fig.draw_without_rendering() # the layout is settled by the first drawing
        fig.canvas.draw()
        ims.append(PILImage.fromarray(np.asarray(fig.canvas.buffer_rgba())).convert('RGB'))
    plt.close(fig)
    table = ims[-1].quantize(colours, dither=PILImage.Dither.NONE)
    ims = [o.quantize(palette=table, dither=PILImage.Dither.NONE) for o in ims]
    out = io.BytesIO()
    ims[0].save(out, 'PNG', save_all=True, append_images=ims[1:], duration=[ms]*(frames-1)+[2000], loop=0, optimize=True)
    return Image(out.getvalue(), format='png')

class sliders(interactive):
    "`ipywidgets.interactive`, whose stored output says in words what it is where no kernel runs"
    def __repr__(self): return 'Sliders, in a running notebook'
