namespace NetworkProtocol.Hub;

/// <summary>The length of a rollup. Rollups begin at whole minutes, hours and days of UTC.</summary>
public enum Resolution
{
    /// <summary>60 seconds.</summary>
    Minute = 60,

    /// <summary>3,600 seconds.</summary>
    Hour = 3600,

    /// <summary>86,400 seconds.</summary>
    Day = 86_400,
}
