namespace NetworkProtocol.Hub;

/// <summary>A series: the values of one field of one topic of one source.</summary>
/// <param name="Id">The series' number.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Field">The name within the message; empty for messages that are one value.</param>
/// <param name="Unit">The unit (SenML); empty if unknown.</param>
/// <param name="Last">The last reading.</param>
public sealed record SeriesInfo(long Id, string Source, string Topic, string Field, string Unit, Reading Last);
