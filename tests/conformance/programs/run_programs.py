PROGRAMS=[]
def chosen(options): return PROGRAMS
