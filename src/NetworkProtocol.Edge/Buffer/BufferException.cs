namespace NetworkProtocol.Edge.Buffer;

/// <summary>The buffer did not take a message. The message of this exception is what the sensor is told.</summary>
/// <param name="message">Why not.</param>
/// <param name="innerException">The error of the database, if there was one.</param>
internal sealed class BufferException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the buffer is full; otherwise the disk does not take the message, or the edge stops.</summary>
    public bool IsFull { get; init; }
}
