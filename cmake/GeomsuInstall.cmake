# Install rules: the tree from which geomsu runs anywhere, and the package that an out-of-tree plug-in finds.
