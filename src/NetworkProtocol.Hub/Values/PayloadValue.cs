namespace NetworkProtocol.Hub.Values;

/// <summary>A number of a message.</summary>
/// <param name="Field">The name within the message; empty for a message that is one number.</param>
/// <param name="Unit">The unit; empty if unknown.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Value">The number, which is finite.</param>
internal readonly record struct PayloadValue(string Field, string Unit, long Time, double Value);
