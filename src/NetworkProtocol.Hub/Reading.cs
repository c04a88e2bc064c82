namespace NetworkProtocol.Hub;

/// <summary>A value of a series at one time. Either <paramref name="Value"/> or <paramref name="Payload"/> is set.</summary>
/// <param name="Series">The series' number.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Field">The name within the message (a field of a JSON object); empty for a message that is one value.</param>
/// <param name="Unit">The unit (SenML); empty if unknown.</param>
/// <param name="Time">When the value was measured.</param>
/// <param name="Value">The number.</param>
/// <param name="Payload">The bytes of a message that is no number.</param>
public sealed record Reading(
    long Series,
    string Source,
    string Topic,
    string Field,
    string Unit,
    DateTimeOffset Time,
    double? Value,
    ReadOnlyMemory<byte>? Payload);
