"""
Contacts ([MS-ASCNTC]).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from carrierpost.protocol.classes.airsyncbase import Body, BodyType
from carrierpost.protocol.record import At, Form, Record
from carrierpost.wbxml.pages import AirSyncBase, Contacts, Contacts2

__all__ = ["Contact"]


class Contact(Record, frozen=True):
    """
    A person or a firm.

    Attributes:
        anniversary: wedding day or the like.
        assistant_name: the assistant's name.
        assistant_phone_number: the assistant's number.
        birthday: day of birth.
        business2_phone_number: second number at work.
        business_address_city: business address city.
        business_address_country: business address country.
        business_address_postal_code: business address postal code.
        business_address_state: business address state.
        business_address_street: business address street.
        business_fax_number: business fax number.
        business_phone_number: business phone number.
        car_phone_number: car phone number.
        categories: their categories.
        children: names of children.
        company_name: company name.
        department: department.
        email1_address: email 1 address.
        email2_address: email 2 address.
        email3_address: email 3 address.
        file_as: the name to sort and show by, as the server keeps it.
        first_name: first name.
        home2_phone_number: second number at home.
        home_address_city: home address city.
        home_address_country: home address country.
        home_address_postal_code: home address postal code.
        home_address_state: home address state.
        home_address_street: home address street.
        home_fax_number: home fax number.
        home_phone_number: home phone number.
        job_title: job title.
        last_name: last name.
        middle_name: middle name.
        mobile_phone_number: mobile phone number.
        office_location: office location.
        other_address_city: other address city.
        other_address_country: other address country.
        other_address_postal_code: other address postal code.
        other_address_state: other address state.
        other_address_street: other address street.
        pager_number: pager number.
        radio_phone_number: radio phone number.
        spouse: the partner's name.
        suffix: what follows the name.
        title: a form of address before the name.
        web_page: address of a web page.
        yomi_company_name: how the company's name is spoken.
        yomi_first_name: how the first name is spoken.
        yomi_last_name: how the last name is spoken.
        picture: a small photo's bytes.
        alias: mail alias (recipient cache).
        weighted_rank: how often one writes to them (recipient cache).
        customer_id: customer id.
        government_id: government id.
        im_address: imaddress.
        im_address2: imaddress 2.
        im_address3: imaddress 3.
        manager_name: manager name.
        company_main_phone: company main phone.
        account_name: account name.
        nick_name: nick name.
        mms: mms.
        body: remarks.
        native_body_type: the format in which the server keeps the remarks.
        cleared: fields that came empty.
        other: elements that are not known, as a WBXML document.

    """

    anniversary: Annotated[dt.date | None, At(Contacts.Anniversary)] = None
    assistant_name: Annotated[str | None, At(Contacts.AssistantName)] = None
    assistant_phone_number: Annotated[str | None, At(Contacts.AssistantPhoneNumber)] = None
    birthday: Annotated[dt.date | None, At(Contacts.Birthday)] = None
    business2_phone_number: Annotated[str | None, At(Contacts.Business2PhoneNumber)] = None
    business_address_city: Annotated[str | None, At(Contacts.BusinessAddressCity)] = None
    business_address_country: Annotated[str | None, At(Contacts.BusinessAddressCountry)] = None
    business_address_postal_code: Annotated[str | None, At(Contacts.BusinessAddressPostalCode)] = None
    business_address_state: Annotated[str | None, At(Contacts.BusinessAddressState)] = None
    business_address_street: Annotated[str | None, At(Contacts.BusinessAddressStreet)] = None
    business_fax_number: Annotated[str | None, At(Contacts.BusinessFaxNumber)] = None
    business_phone_number: Annotated[str | None, At(Contacts.BusinessPhoneNumber)] = None
    car_phone_number: Annotated[str | None, At(Contacts.CarPhoneNumber)] = None
    categories: Annotated[tuple[str, ...] | None, At(Contacts.Categories, item=Contacts.Category)] = None
    children: Annotated[tuple[str, ...] | None, At(Contacts.Children, item=Contacts.Child)] = None
    company_name: Annotated[str | None, At(Contacts.CompanyName)] = None
    department: Annotated[str | None, At(Contacts.Department)] = None
    email1_address: Annotated[str | None, At(Contacts.Email1Address)] = None
    email2_address: Annotated[str | None, At(Contacts.Email2Address)] = None
    email3_address: Annotated[str | None, At(Contacts.Email3Address)] = None
    file_as: Annotated[str | None, At(Contacts.FileAs)] = None
    first_name: Annotated[str | None, At(Contacts.FirstName)] = None
    home2_phone_number: Annotated[str | None, At(Contacts.Home2PhoneNumber)] = None
    home_address_city: Annotated[str | None, At(Contacts.HomeAddressCity)] = None
    home_address_country: Annotated[str | None, At(Contacts.HomeAddressCountry)] = None
    home_address_postal_code: Annotated[str | None, At(Contacts.HomeAddressPostalCode)] = None
    home_address_state: Annotated[str | None, At(Contacts.HomeAddressState)] = None
    home_address_street: Annotated[str | None, At(Contacts.HomeAddressStreet)] = None
    home_fax_number: Annotated[str | None, At(Contacts.HomeFaxNumber)] = None
    home_phone_number: Annotated[str | None, At(Contacts.HomePhoneNumber)] = None
    job_title: Annotated[str | None, At(Contacts.JobTitle)] = None
    last_name: Annotated[str | None, At(Contacts.LastName)] = None
    middle_name: Annotated[str | None, At(Contacts.MiddleName)] = None
    mobile_phone_number: Annotated[str | None, At(Contacts.MobilePhoneNumber)] = None
    office_location: Annotated[str | None, At(Contacts.OfficeLocation)] = None
    other_address_city: Annotated[str | None, At(Contacts.OtherAddressCity)] = None
    other_address_country: Annotated[str | None, At(Contacts.OtherAddressCountry)] = None
    other_address_postal_code: Annotated[str | None, At(Contacts.OtherAddressPostalCode)] = None
    other_address_state: Annotated[str | None, At(Contacts.OtherAddressState)] = None
    other_address_street: Annotated[str | None, At(Contacts.OtherAddressStreet)] = None
    pager_number: Annotated[str | None, At(Contacts.PagerNumber)] = None
    radio_phone_number: Annotated[str | None, At(Contacts.RadioPhoneNumber)] = None
    spouse: Annotated[str | None, At(Contacts.Spouse)] = None
    suffix: Annotated[str | None, At(Contacts.Suffix)] = None
    title: Annotated[str | None, At(Contacts.Title)] = None
    web_page: Annotated[str | None, At(Contacts.WebPage)] = None
    yomi_company_name: Annotated[str | None, At(Contacts.YomiCompanyName)] = None
    yomi_first_name: Annotated[str | None, At(Contacts.YomiFirstName)] = None
    yomi_last_name: Annotated[str | None, At(Contacts.YomiLastName)] = None
    picture: Annotated[bytes | None, At(Contacts.Picture, form=Form.BASE64)] = None
    alias: Annotated[str | None, At(Contacts.Alias)] = None
    weighted_rank: Annotated[int | None, At(Contacts.WeightedRank)] = None
    customer_id: Annotated[str | None, At(Contacts2.CustomerId)] = None
    government_id: Annotated[str | None, At(Contacts2.GovernmentId)] = None
    im_address: Annotated[str | None, At(Contacts2.IMAddress)] = None
    im_address2: Annotated[str | None, At(Contacts2.IMAddress2)] = None
    im_address3: Annotated[str | None, At(Contacts2.IMAddress3)] = None
    manager_name: Annotated[str | None, At(Contacts2.ManagerName)] = None
    company_main_phone: Annotated[str | None, At(Contacts2.CompanyMainPhone)] = None
    account_name: Annotated[str | None, At(Contacts2.AccountName)] = None
    nick_name: Annotated[str | None, At(Contacts2.NickName)] = None
    mms: Annotated[str | None, At(Contacts2.MMS)] = None
    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    native_body_type: Annotated[BodyType | None, At(AirSyncBase.NativeBodyType)] = None
    cleared: frozenset[str] = frozenset()
    other: bytes | None = None
