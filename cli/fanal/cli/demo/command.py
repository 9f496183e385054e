demo = None
