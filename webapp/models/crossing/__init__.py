"""What crosses between the service and the process of a model: instances on the way in, answers on the way out."""
