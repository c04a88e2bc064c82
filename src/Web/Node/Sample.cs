namespace NetworkProtocol.Web.Node;

/// <summary>One point of the charts.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Received">Messages received a second.</param>
/// <param name="Sent">Messages sent a second.</param>
/// <param name="BytesIn">Bytes received a second.</param>
/// <param name="BytesOut">Bytes sent a second.</param>
/// <param name="HandshakesGood">Good handshakes a second.</param>
/// <param name="HandshakesRefused">Refused handshakes a second.</param>
/// <param name="Errors">Errors a second.</param>
/// <param name="P50">Half of the requests took at most so many milliseconds; not a number if there were none.</param>
/// <param name="P99">99 of 100 requests took at most so many milliseconds; not a number if there were none.</param>
internal readonly record struct Sample(
    float Connections, float Received, float Sent, float BytesIn, float BytesOut, float HandshakesGood, float HandshakesRefused, float Errors, float P50, float P99);

/// <summary>The last samples at equal distances: the memory is taken whole at the start and never grows.</summary>
/// <param name="capacity">How many are kept.</param>
/// <param name="step">Their distance.</param>
internal sealed class SampleRing(int capacity, TimeSpan step)
{
    private readonly Sample[] _samples = new Sample[capacity];
    private readonly Lock _lock = new();
    private long _count;

    public TimeSpan Step => step;

    public void Add(in Sample sample)
    {
        lock (_lock)
        {
            _samples[_count++ % capacity] = sample;
        }
    }

    /// <summary>The newest, or null before the first.</summary>
    public Sample? Last
    {
        get
        {
            lock (_lock)
            {
                return _count == 0 ? null : _samples[(_count - 1) % capacity];
            }
        }
    }

    /// <summary>Oldest first.</summary>
    public Sample[] ToArray()
    {
        lock (_lock)
        {
            var length = (int)Math.Min(_count, capacity);
            var result = new Sample[length];
            for (var i = 0; i < length; i++)
            {
                result[i] = _samples[(_count - length + i) % capacity];
            }

            return result;
        }
    }
}
