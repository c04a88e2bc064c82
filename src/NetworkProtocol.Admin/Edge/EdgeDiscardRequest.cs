namespace NetworkProtocol.Admin;

/// <summary>The messages of an edge's buffer to discard.</summary>
public sealed record EdgeDiscardRequest(
    [property: Field("The number of messages that you have seen; the edge refuses the request if it would discard more.", 1234)]
    long Messages,
    [property: Field(
        "The lanes to discard, each with the last sequence number: next - 1 of what you have seen. Later messages stay. Without it: "
            + "all that is in the buffer when the request comes.",
        """{"bulk": 123456}""")]
    IReadOnlyDictionary<string, long>? UpTo = null)
{
    /// <summary>The request for lanes as they were seen.</summary>
    public static EdgeDiscardRequest Of(IEnumerable<EdgeLaneRow> lanes)
    {
        var seen = lanes.ToArray();
        return new(seen.Sum(lane => lane.Messages), seen.ToDictionary(lane => lane.Lane, lane => lane.Next - 1));
    }
}
