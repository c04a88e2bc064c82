namespace NetworkProtocol.Hub.Values;

/// <summary>Resolves the records of a SenML pack (RFC 8428, section 4.6): names, units and times with their base values.</summary>
internal sealed class SenMlPack(long time)
{
    /// <summary>A time below this is relative to now (RFC 8428, section 4.5.3), and the message's time is now.</summary>
    private const double SmallestAbsoluteTime = 1 << 28;

    private const double LastSecond = PayloadLimits.MaxTime / 1000d;

    private string _baseName = "";
    private double _baseTime;
    private string _baseUnit = "";
    private double _baseValue;

    public PayloadContent Content { get; } = new();

    /// <exception cref="PayloadException">The record is broken or beyond a limit.</exception>
    public void Add(SenMlRecord record)
    {
        _baseName = record.BaseName ?? _baseName;
        _baseTime = record.BaseTime ?? _baseTime;
        _baseUnit = record.BaseUnit ?? _baseUnit;
        _baseValue = record.BaseValue ?? _baseValue;
        if (record.HasOther)
        {
            Content.HasMore = true;
        }

        if (record.Value is not null && record.Boolean is not null)
        {
            throw new PayloadException("A SenML record has both v and vb.");
        }

        if ((record.Value + _baseValue ?? (record.Boolean is { } isTrue ? isTrue ? 1 : 0 : null)) is not { } value)
        {
            return; // base values alone, or no number
        }

        var name = _baseName + record.Name;
        if (name.Length == 0)
        {
            throw new PayloadException("A SenML record has neither a name (n) nor a base name (bn).");
        }

        if (!double.IsFinite(value))
        {
            throw new PayloadException("A SenML record has a value that is not finite.");
        }

        Content.Add(new PayloadValue(name, record.Unit ?? _baseUnit, Resolve(_baseTime + (record.Time ?? 0)), value));
    }

    private long Resolve(double seconds)
    {
        var absolute = seconds < SmallestAbsoluteTime ? (time / 1000d) + seconds : seconds;
        return absolute is >= 0 and <= LastSecond // false for NaN, too
            ? seconds == 0 ? time : (long)Math.Round(absolute * 1000)
            : throw new PayloadException("A SenML record has a time that is not from 1970 to 9999.");
    }
}
