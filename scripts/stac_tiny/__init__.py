"""The bundled model stac-tiny: its data, its training and its measurement."""
