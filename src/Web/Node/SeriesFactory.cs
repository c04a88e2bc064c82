using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Node;

/// <summary>Converts samples to the points of the charts.</summary>
internal static class SeriesFactory
{
    public static Series FromSamples(SampleRing ring, DateTimeOffset now)
    {
        var samples = ring.ToArray();
        float[] Column(Func<Sample, float> of) => Array.ConvertAll(samples, sample => MathF.Round(of(sample), 2));
        float?[] ColumnWithGaps(Func<Sample, float> of) =>
            Array.ConvertAll(samples, sample => float.IsNaN(of(sample)) ? (float?)null : MathF.Round(of(sample), 4));
        return new Series(
            now, ring.Step.TotalSeconds,
            Column(s => s.Connections), Column(s => s.Received), Column(s => s.Sent), Column(s => s.BytesIn), Column(s => s.BytesOut),
            Column(s => s.HandshakesGood), Column(s => s.HandshakesRefused), Column(s => s.Errors),
            ColumnWithGaps(s => s.P50), ColumnWithGaps(s => s.P99), Column(s => s.Buffered));
    }
}
