"""
The channels: one module for each way to a device. Each is a `carrierpost.notify.channel.Sender`.
"""
