namespace NetworkProtocol.Web.Node;

/// <summary>A ring buffer of the last samples: its memory is allocated at the start and never grows.</summary>
/// <param name="capacity">The number of samples to keep.</param>
/// <param name="step">The time between two samples.</param>
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

    /// <summary>The newest sample; null before the first one.</summary>
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

    /// <summary>The samples, the oldest first.</summary>
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
