namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>The charts' points by column: each list has one number a step, oldest first; null where nothing was asked.</summary>
internal sealed record Series(
    DateTimeOffset Until,
    double StepSeconds,
    IReadOnlyList<float> Connections,
    IReadOnlyList<float> Received,
    IReadOnlyList<float> Sent,
    IReadOnlyList<float> BytesIn,
    IReadOnlyList<float> BytesOut,
    IReadOnlyList<float> HandshakesGood,
    IReadOnlyList<float> HandshakesRefused,
    IReadOnlyList<float> Errors,
    IReadOnlyList<float?> P50,
    IReadOnlyList<float?> P99)
{
    public static Series Of(SampleRing ring, DateTimeOffset now)
    {
        var samples = ring.ToArray();
        float[] Column(Func<Sample, float> of) => Array.ConvertAll(samples, sample => MathF.Round(of(sample), 2));
        float?[] Gaps(Func<Sample, float> of) => Array.ConvertAll(samples, sample => float.IsNaN(of(sample)) ? (float?)null : MathF.Round(of(sample), 4));
        return new Series(
            now, ring.Step.TotalSeconds,
            Column(s => s.Connections), Column(s => s.Received), Column(s => s.Sent), Column(s => s.BytesIn), Column(s => s.BytesOut),
            Column(s => s.HandshakesGood), Column(s => s.HandshakesRefused), Column(s => s.Errors), Gaps(s => s.P50), Gaps(s => s.P99));
    }
}
